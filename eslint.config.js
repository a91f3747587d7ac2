import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Files that decide and never act: no I/O, no clock, no process, no network. */
const pureFiles = [
  'boot_handler/src/render/**/*.ts',
  'boot_handler/src/vms/event-record.ts',
  'boot_handler/src/vms/status-store.ts',
  'config/entrypoint/addresses.ts',
  'config/entrypoint/contexts.ts',
  'config/entrypoint/open-files.ts',
  'config/entrypoint/ports.ts',
  'config/entrypoint/process-info.ts',
  'config/entrypoint/resolvers.ts',
  'config/entrypoint/restart-budget.ts',
  'config/src/architecture.ts',
  'config/src/conflicts.ts',
  'config/src/content-memory.ts',
  'config/src/disk-hints.ts',
  'config/src/distro-family.ts',
  'config/src/environment.ts',
  'config/src/hardware-facts.ts',
  'config/src/installer-config.ts',
  'config/src/json.ts',
  'config/src/kernel-args.ts',
  'config/src/lint/reserved-names.ts',
  'config/src/mac.ts',
  'config/src/published-state.ts',
  'config/src/quote-command.ts',
  'config/src/render.ts',
  'config/src/resolve.ts',
  'config/src/result.ts',
  'config/src/schema.ts',
  'config/src/size.ts',
  'config/src/ssh-key.ts',
  'config/src/status-event.ts',
  'config/src/vm-definition.ts',
  'initrd/src/archive-entry.ts',
  'initrd/src/archive-plan.ts',
  'initrd/src/cpio.ts',
  'initrd/src/elf-notes.ts',
  'initrd/src/elf.ts',
  'initrd/src/manifest.ts',
  'lab/src/phases.ts',
  'lab/src/qemu-arguments.ts',
  'lab/src/settings.ts',
  'lab/src/signs-of-life.ts',
  'lab/src/test-report/outcomes.ts',
  'lab/src/test-report/report.ts',
  'lab/src/test-report/results.ts',
  'os_installer/src/assumed-hardware.ts',
  'os_installer/src/checksums.ts',
  'os_installer/src/choose-disk.ts',
  'os_installer/src/cmdline.ts',
  'os_installer/src/commands.ts',
  'os_installer/src/describe.ts',
  'os_installer/src/facts.ts',
  'os_installer/src/family.ts',
  'os_installer/src/grub-cfg.ts',
  'os_installer/src/grub-options.ts',
  'os_installer/src/interfaces.ts',
  'os_installer/src/marker.ts',
  'os_installer/src/next-commands.ts',
  'os_installer/src/plan.ts',
  'os_installer/src/steps.ts',
  'os_installer/src/sysfs.ts',
  'os_installer/src/unpacked-size.ts',
  'vm_watcher/src/event-trust.ts',
  'vm_watcher/src/hosts-files.ts',
  'vm_watcher/src/leases.ts',
  'vm_watcher/src/mount-info.ts',
  'vm_watcher/src/report-changes.ts',
  'vm_watcher/src/watch-mode.ts',
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
