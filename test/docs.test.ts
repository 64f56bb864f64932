import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unproven } from '../scripts/docs/claims.ts';
import { generatedFiles } from '../scripts/docs/generated.ts';
import { type Format, importedKinds } from '../scripts/docs/imports.ts';
import { keyTable } from '../scripts/docs/json_schema.ts';
import { fillMarkers } from '../scripts/docs/markers.ts';
import { findProofs } from '../scripts/docs/proofs.ts';
import { markdownTable } from '../scripts/docs/table.ts';
import { operators } from '../src/operators/index.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Operators and layers that importers know and no test runs. Whoever writes one takes them off this list. */
const withoutTest: Readonly<Record<Format, readonly string[]>> = {
  onnx: 'Cast CumSum Range ReduceLogSumExp Trilu'.split(' '),
  pt2: [
    ...'_log_softmax _native_batch_norm_legit_no_training _softmax _unsafe_view addmm alias argmax clone'.split(
      ' ',
    ),
    ...'constant_pad_nd contiguous convolution detach feature_dropout mm permute reflection_pad1d'.split(' '),
    ...'reflection_pad2d relu6 split_with_sizes sym_size t transpose view'.split(' '),
  ],
  keras: [],
};

describe('what is generated in the documentation', () => {
  for (const { path, text } of generatedFiles(root))
    test(`${relative(root, path)} is as \`npm run docs\` writes it`, () => {
      assert.equal(existsSync(path) ? readFileSync(path, 'utf8') : '(missing)', text);
    });
});

describe('operators', () => {
  test('run in a test, in every type that the program computes them in', () => {
    assert.deepEqual(unproven(findProofs(root), [...operators.keys()]), []);
  });

  for (const [format, without] of Object.entries(withoutTest))
    test(`of ${format} that no test runs are those that are known to lack one, and no others`, () => {
      const lacking = importedKinds(root, format as Format).filter(({ proof }) => proof === null);
      assert.deepEqual(lacking.map(({ kind }) => kind).sort(), without.toSorted());
    });
});

describe('links', () => {
  const pages = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    'examples/digits/README.md',
    'examples/firmware/README.md',
  ];
  for (const page of pages)
    test(`${page} points only to files and headings that are there`, () => {
      const broken = linksIn(readFileSync(join(root, page), 'utf8')).filter((link) => !leads(page, link));
      assert.deepEqual(broken, []);
    });
});

describe('generated blocks', () => {
  test('are replaced, and what is around them stays', () => {
    const before = 'a\n<!-- generated: x -->\nold\n<!-- /generated -->\nb\n';
    const after = 'a\n<!-- generated: x -->\n\nnew x\n\n<!-- /generated -->\nb\n';
    const content = (name: string) => `new ${name}`;
    assert.equal(fillMarkers(before, content), after);
    assert.equal(fillMarkers(after, content), after);
  });

  test('that are not closed are an error', () => {
    assert.throws(() => fillMarkers('<!-- generated: x -->\n', () => ''), /no `<!-- \/generated -->`/);
  });

  test('keep a table whole when a cell holds a bar or a line break', () => {
    assert.equal(
      markdownTable(['a', '>b'], [['x|y', 'one\n two']]),
      '| a | b |\n|---|---:|\n| x\\|y | one two |',
    );
  });

  test('show nested keys, lists, and what may be null', () => {
    const table = keyTable({
      type: 'object',
      required: ['files'],
      properties: {
        files: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' } } } },
        size: { anyOf: [{ type: 'object', properties: { bytes: { type: 'integer' } } }, { type: 'null' }] },
      },
    });
    assert.match(table, /`files` \| list of mapping \| \*\*\(required\)\*\*/);
    assert.match(table, /`files\[\]\.path` \| string/);
    assert.match(table, /`size` \| mapping or null/);
    assert.match(table, /`size\.bytes` \| integer/);
  });
});

/** Targets of `[text](target)`, `href` and `src` outside of code, without those that lead to the network. */
function linksIn(markdown: string): string[] {
  const prose = markdown
    .replaceAll(/```[\s\S]*?```/g, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/`[^`\n]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|(?:href|src)="([^"]+)"/g)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leads(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? join(root, page) : join(root, dirname(page), file);
  if (!existsSync(path)) return false;
  return heading === undefined || headingsIn(readFileSync(path, 'utf8')).includes(heading);
}

/** Anchors as GitHub makes them. */
function headingsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
