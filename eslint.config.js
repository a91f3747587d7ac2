import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Files that decide and never act: no I/O, no clock, no process, no network. */
const pureFiles = [
  'boot_handler/src/render/**/*.ts',
  'boot_handler/src/status/event-record.ts',
  'boot_handler/src/status/status-store.ts',
  'config/container/decide/private-interface.ts',
  'config/container/decide/contexts.ts',
  'config/container/decide/open-files.ts',
  'config/container/decide/ports.ts',
  'config/container/decide/process-info.ts',
  'config/container/decide/resolvers.ts',
  'config/container/decide/restart-budget.ts',
  'config/contract/architecture.ts',
  'config/definitions/conflicts.ts',
  'config/definitions/content-memory.ts',
  'config/contract/disk-hints.ts',
  'config/definitions/distro-family.ts',
  'config/contract/environment.ts',
  'config/contract/hardware-facts.ts',
  'config/contract/installer-config.ts',
  'config/kit/json.ts',
  'config/contract/kernel-args.ts',
  'config/lint/rules/reserved-names.ts',
  'config/kit/mac.ts',
  'config/contract/published-state.ts',
  'config/kit/quote-command.ts',
  'config/kit/render.ts',
  'config/definitions/resolve.ts',
  'config/kit/result.ts',
  'config/contract/validator.ts',
  'config/kit/size.ts',
  'config/kit/ssh-key.ts',
  'config/contract/status-event.ts',
  'config/contract/vm-definition.ts',
  'initrd/src/plan/archive-entry.ts',
  'initrd/src/plan/archive-plan.ts',
  'initrd/src/plan/cpio.ts',
  'initrd/src/plan/elf-notes.ts',
  'initrd/src/plan/elf.ts',
  'initrd/src/plan/manifest.ts',
  'lab/src/decide/phases.ts',
  'lab/src/decide/qemu-arguments.ts',
  'lab/src/decide/settings.ts',
  'lab/src/decide/signs-of-life.ts',
  'lab/testing/report/decide/outcomes.ts',
  'lab/testing/report/decide/report.ts',
  'lab/testing/report/decide/results.ts',
  'os_installer/src/plan/assumed-hardware.ts',
  'os_installer/src/plan/checksums.ts',
  'os_installer/src/plan/choose-disk.ts',
  'os_installer/src/plan/cmdline.ts',
  'os_installer/src/commands.ts',
  'os_installer/src/describe.ts',
  'os_installer/src/plan/facts.ts',
  'os_installer/src/distro/family.ts',
  'os_installer/src/distro/grub-cfg.ts',
  'os_installer/src/distro/grub-options.ts',
  'os_installer/src/plan/choose-interface.ts',
  'os_installer/src/plan/marker.ts',
  'os_installer/src/next-commands.ts',
  'os_installer/src/plan/plan.ts',
  'os_installer/src/steps.ts',
  'os_installer/src/probe/parse/sysfs.ts',
  'os_installer/src/plan/unpacked-size.ts',
  'vm_watcher/src/decide/event-trust.ts',
  'vm_watcher/src/decide/hosts-files.ts',
  'vm_watcher/src/decide/leases.ts',
  'vm_watcher/src/mount-info.ts',
  'vm_watcher/src/decide/changes.ts',
  'vm_watcher/src/decide/watch-mode.ts',
];
const effects = ['fs', 'fs/promises', 'child_process', 'net', 'http', 'os', 'process', 'timers', 'timers/promises'];
const effectfulPackages = [
  'execa',
  'undici',
  'express',
  'chokidar',
  '@pxeboot/config/run',
  '@pxeboot/config/write-atomic',
];

export default tseslint.config(
  { ignores: ['**/node_modules/', 'build/', 'images/', '.lab/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'max-depth': ['error', 4],
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A caller names the context or document type: compileTemplate<UserData>(…).
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Our interfaces are made of closures; only classes use `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: pureFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [...effects.map((name) => `node:${name}`), ...effectfulPackages].map((name) => ({
            name,
            allowTypeImports: true,
            message: 'This file is pure (eslint.config.js): let its caller do the effect.',
          })),
        },
      ],
      'no-restricted-globals': ['error', 'process', 'console', 'performance', 'fetch', 'setTimeout', 'setInterval'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    // What runs is what the plan says: executors take their commands from commands.ts.
    files: ['os_installer/src/executors/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: '@pxeboot/config/run', importNames: ['run'], message: 'Use runCommand with commands.ts.' }],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      // node:test returns promises that the runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'describe', 'it', 'suite'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
