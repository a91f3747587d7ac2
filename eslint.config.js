import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Files that decide and never act: no I/O, no clock, no process, no network. */
const pureFiles = [
  'config/src/{conflicts,content-memory}.ts',
  'vm_watcher/src/{event-trust,mount-info,watch-mode}.ts',
  'config/src/{architecture,disk-hints,environment,hardware-facts,installer-config,json,mac,published-state,quote-command,render,resolve,result,schema,size}.ts',
  'config/src/{ssh-key,status-event,vm-definition}.ts',
  'config/entrypoint/{addresses,contexts,ports,process-info,resolvers,restart-budget}.ts',
  'boot_handler/src/render/**/*.ts',
  'vm_watcher/src/{hosts-files,leases,report-changes}.ts',
  'os_installer/src/{assumed-hardware,checksums,choose-disk,cmdline,commands,describe,facts,family,grub-cfg,interfaces,marker,plan,steps,sysfs,unpacked-size}.ts',
  'initrd/src/{archive-entry,archive-plan,cpio,elf,elf-notes,manifest}.ts',
  'lab/src/{phases,qemu-arguments,settings}.ts',
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
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
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
