// Bugs by typescript-eslint's strict type-aware rules, and the one-way imports of the layout.
import tseslint from 'typescript-eslint'

/** Folders of src/ and what each may import besides itself; the order is the direction of the one loop. */
const mayImport = {
  'src/model': [],
  'src/pipeline': ['model'],
  'src/qos': ['model'],
  'src/teaming': ['model', 'pipeline'],
  'src/compiler': ['model', 'pipeline', 'qos'],
  'src/prover': ['model', 'pipeline', 'compiler'],
  'src/switches': ['model', 'qos'],
  'src/discovery': ['model'],
  'src/store': ['model'],
  'src/reconciler': ['model', 'pipeline', 'compiler', 'prover', 'switches'],
  'src/api': ['model'],
  'src/cli': ['model', 'api'],
  'src/controller': ['model', 'pipeline', 'qos', 'teaming', 'compiler', 'prover', 'switches', 'discovery', 'store', 'reconciler', 'api'],
}

const rooms = Object.keys(mayImport).map((folder) => folder.slice('src/'.length))

const direction = Object.entries(mayImport).map(([folder, allowed]) => {
  const own = folder.slice('src/'.length)
  const forbidden = rooms.filter((room) => room !== own && !allowed.includes(room))
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: forbidden.map((room) => `**/${room}/**`), message: `${folder} may import only: codecs ${allowed.join(' ')}` },
            { group: ['**/codecs/openflow/**'], message: 'import the package ts-openflow' },
          ],
        },
      ],
    },
  }
})

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: new URL('..', import.meta.url).pathname } },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'no default exports' },
        { selector: 'TSEnumDeclaration', message: 'no enums' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...direction,
  {
    files: ['codecs/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['**/src/**'], message: 'codecs import nothing from src' }] }],
    },
  },
  {
    files: ['codecs/ovsdb/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(?!\\./)', message: 'codecs/ovsdb imports nothing' }] }],
    },
  },
  {
    files: ['codecs/openflow/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\.{1,2}/|node:)', message: 'ts-openflow has no dependencies' }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test's test() returns a promise that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }] }],
      'max-lines-per-function': 'off',
    },
  },
)
