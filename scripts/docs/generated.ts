import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { readPeers } from '../../bench/peers.ts';
import { type Results, renderResults, renderSummary } from '../../bench/results.ts';
import { configSchema } from '../../src/project/schema.ts';
import { report } from '../../src/report/report.ts';
import { actionTables } from './action_tables.ts';
import { keyTable, toJsonSchema } from './json_schema.ts';
import { fillMarkers } from './markers.ts';
import { folded, nodeTestNames, nodeTestTable } from './node_tests.ts';
import { formatTable, importTable, operatorTable, requirementTable } from './operator_tables.ts';
import { targetTable } from './product_tables.ts';

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

const configJsonSchema = toJsonSchema(configSchema, 'tinyml.schema.json', 'tinyml.yml');
const reportJsonSchema = toJsonSchema(report, 'report.schema.json', 'Report of tinyml-deploy');

/** What a marker's name stands for; `file PATH` is that file as a code block. */
const blocks: Readonly<Record<string, (root: string) => string>> = {
  'action inputs': (root) => actionTables(join(root, 'action.yml')).inputs,
  'action outputs': (root) => actionTables(join(root, 'action.yml')).outputs,
  'configuration keys': () => keyTable(configJsonSchema),
  'report keys': () => keyTable(reportJsonSchema),
  benchmark: (root) => renderSummary(benchResults(root), readPeers(), 'cortex-m4f'),
  targets: targetTable,
  operators: operatorTable,
  'what operators take': () => folded('What each operator takes', requirementTable()),
  'operators by format': formatTable,
  'ONNX operators': (root) => folded('ONNX operators', importTable(root, 'onnx', 'ONNX')),
  'PyTorch operators': (root) => folded('PyTorch operators (ATen)', importTable(root, 'pt2', 'ATen')),
  'Keras layers': (root) => folded('Keras layers', importTable(root, 'keras', 'Layer')),
  'ONNX node tests': nodeTestTable,
  'names of ONNX node tests': nodeTestNames,
};

/** Every file that is generated, or holds a generated block, as it should be. */
export function generatedFiles(root: string): readonly GeneratedFile[] {
  const schemas = [configJsonSchema, reportJsonSchema].map((schema) => ({
    path: join(root, 'schemas', schema.$id.slice(schema.$id.lastIndexOf('/') + 1)),
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const markdown = [join(root, 'README.md'), ...pages.map((name) => join(root, 'docs', name))].map(
    (path) => ({
      path,
      text: fillMarkers(readFileSync(path, 'utf8'), (name) => blockText(root, name)),
    }),
  );
  const bench = {
    path: join(root, 'bench', 'RESULTS.md'),
    text: renderResults(benchResults(root), readPeers()),
  };
  // `uses: $/` takes no empty path, so the workflows that others call need the action in a folder too.
  const action = readFileSync(join(root, 'action.yml'), 'utf8');
  const nested = {
    path: join(root, '.github', 'actions', 'deploy', 'action.yml'),
    text: `# Generated from action.yml by \`npm run docs\`: the same action, for \`uses: $/.github/actions/deploy\`.\n${action.replace('main: dist/', 'main: ../../../dist/')}`,
  };
  return [...schemas, ...markdown, bench, nested];
}

/** What `npm run bench` measured last. */
function benchResults(root: string): Results {
  return JSON.parse(readFileSync(join(root, 'bench', 'results.json'), 'utf8')) as Results;
}

function blockText(root: string, name: string): string {
  if (name.startsWith('file ')) {
    const path = name.slice('file '.length);
    return `\`\`\`${language(path)}\n${readFileSync(join(root, path), 'utf8').trimEnd()}\n\`\`\``;
  }
  const block = blocks[name];
  if (block === undefined)
    throw new Error(`No generated block is called "${name}": there are ${Object.keys(blocks).join(', ')}.`);
  return block(root);
}

function language(path: string): string {
  const name = extname(path).slice(1);
  return { yml: 'yaml', h: 'c' }[name] ?? (name === '' ? 'make' : name);
}
