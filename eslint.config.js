import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Names of the folders whose files decide and never act: no I/O, no clock, no process, no network. */
const pureFolders = [
  'contract',
  'decide',
  'definitions',
  'distro',
  'kit',
  'parse',
  'plan',
  'render',
  'rules',
  'schemas',
  'status',
];
/** Where a pure file may import values from, as regular expressions of what an import names. */
const pureImports = [
  '\\./[\\w.-]+',
  `(\\./|(\\.\\./)+|@pxeboot/)([\\w-]+/)*(${pureFolders.join('|')})/[\\w.-]+`,
  '\\.{1,2}/[\\w./-]+\\.json',
  'handlebars',
  'ajv/dist/2020\\.js',
  'node:(buffer|crypto|path|url)',
];

/** Modules of Node that start programs or use the network. */
const acting = ['child_process', 'http', 'https', 'http2', 'net', 'tls', 'dgram'];
/** What reaches the process, the clock, the network or chance without an import. */
const actingGlobals = [
  ...['process', 'console', 'performance', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['globalThis', 'global', 'crypto', 'AbortSignal', 'WebSocket', 'EventSource', 'navigator', 'require'],
];

/** What reaches a file by its path. */
const fileCalls = [
  ...[
    'access',
    'chmod',
    'chown',
    'copyFile',
    'createReadStream',
    'createWriteStream',
    'exists',
    'lstat',
    'mkdir',
    'open',
  ],
  ...['readdir', 'readFile', 'readIfThere', 'readlink', 'rename', 'rm', 'stat', 'symlink', 'writeAtomic', 'writeFile'],
];

/** The rules of a pure file.
 * @param imports where it may import values from; types it may import from anywhere
 * @param paths of these, such as have only some names that do nothing */
function pure(imports, paths = []) {
  const message = 'This file is pure (eslint.config.js): let its caller do the effect.';
  const names = [
    { name: 'node:crypto', allowImportNames: ['createHash', 'hash'] },
    { name: 'node:path', allowImportNames: ['basename', 'dirname', 'extname', 'join', 'relative'] },
    ...paths,
  ];
  return {
    'no-restricted-imports': [
      'error',
      {
        paths: names.map((path) => ({ ...path, allowTypeImports: true, message })),
        patterns: [{ regex: `^(?!(${imports.join('|')})$)`, allowTypeImports: true, message }],
      },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: 'ImportExpression', message },
      { selector: ':matches(NewExpression, CallExpression)[callee.name="Date"][arguments.length=0]', message },
    ],
    'no-restricted-globals': ['error', ...actingGlobals],
    'no-restricted-properties': ['error', { object: 'Date', property: 'now' }, { object: 'Math', property: 'random' }],
  };
}

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
    files: pureFolders.map((folder) => `**/${folder}/**/*.{ts,mts,js,mjs}`),
    ignores: ['config/definitions/read/**', '**/test/**'],
    rules: pure(pureImports),
  },
  {
    files: ['config/kit/ip.ts'],
    rules: pure(
      [...pureImports, 'node:net'],
      [{ name: 'node:net', allowImportNames: ['BlockList', 'isIPv4', 'isIPv6'] }],
    ),
  },
  {
    // The header of a tar archive as a value; what else the package can do stays out.
    files: ['config/inspect/parse/tar-reader.ts'],
    rules: pure([...pureImports, 'tar/header']),
  },
  {
    // Programs and the network a step has from its context, so that a program that only shows plans has not got them.
    files: ['os_installer/src/steps/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'fetch', 'WebSocket'],
      'no-restricted-imports': [
        'error',
        {
          paths: ['execa', 'undici', ...acting.map((name) => `node:${name}`)].map((name) => ({
            name,
            allowTypeImports: true,
            message: 'Use `run` and `read` of the context.',
          })),
          patterns: [
            {
              group: [
                '**/host/run',
                '**/host/run.ts',
                '**/run-command.ts',
                '**/network/*',
                '**/report/*',
                '**/fetch/*',
                '!**/fetch/checked.ts',
              ],
              allowTypeImports: true,
              message: 'Use `run` and `read` of the context.',
            },
          ],
        },
      ],
    },
  },
  {
    // A link of an image must not lead a step out of the new system.
    files: ['os_installer/src/{steps,boot-loader}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...["[callee.name='join']", `[callee.name=/^(${fileCalls.join('|')})$/] TemplateLiteral`].map((call) => ({
          selector: `CallExpression${call} :matches(Identifier[name='target'], MemberExpression[property.name='target'])`,
          message: 'Use `system` of the context: it follows links inside the new system.',
        })),
      ],
    },
  },
  {
    // It joins two programs by a pipe, which `run` cannot.
    files: ['os_installer/src/steps/unpack.ts'],
    rules: { 'no-restricted-imports': 'off' },
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
