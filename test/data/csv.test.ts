import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openCsv } from '../../src/data/csv.ts';
import { folderWith } from '../project/folder.ts';
import { refuses } from './refused.ts';

const csv = (t: TestContext, text: string) => openCsv(folderWith(t, { 'x.csv': text }), 'x.csv');

describe('openCsv', () => {
  it('reads numbers without a header', (t) => {
    const all = csv(t, '1,-2.5,3e2\r\n4,5,6\n\n').columnsWithout([]);
    assert.deepEqual([all.type, all.shape], ['f8', [2, 3]]);
    assert.deepEqual(
      [all.row(0), all.row(1)],
      [
        [1, -2.5, 300],
        [4, 5, 6],
      ],
    );
  });
  it('reads a header, quotes and a byte order mark, and sets the labels apart', (t) => {
    const table = csv(t, '\ufeff"x, first",class,y\n1,2,3\n4,5,6\n');
    assert.deepEqual(table.header, ['x, first', 'class', 'y']);
    assert.deepEqual(table.columnsWithout(['class']).row(1), [4, 6]);
    const labels = table.column('class');
    assert.deepEqual([labels.type, labels.shape, labels.row(1)], ['i8', [2], [5]]);
    assert.equal(csv(t, 'class\n1\n0.5\n').column('class').type, 'f8');
  });
  it('says what is wrong and where', (t) => {
    refuses(/^x\.csv:3: "abc" in column 2 is not a number/, () =>
      csv(t, 'a,b\n1,2\n3,abc\n').columnsWithout([]),
    );
    for (const text of ['', 'nan', '0x10', '1_000', 'inf'])
      refuses(/^x\.csv:2: "[^"]*" in column 2 is not a number/, () =>
        csv(t, `1,2\n3,${text}\n`).columnsWithout([]),
      );
    refuses(/^x\.csv:2: This is not a table of comma-separated numbers/, () => csv(t, '1,2\n3\n'));
    refuses(/^x\.csv.*: This is not a table/, () => csv(t, '"never closed,1\n2,3\n'));
    refuses(/The file is empty/, () => csv(t, '\n\n'));
    refuses(/a header but no sample/, () => csv(t, 'a,b\n'));
    refuses(/Two columns are called "a"/, () => csv(t, 'a,a\n1,2\n'));
    refuses(/There is no column "c"\. Columns: a, b\./, () => csv(t, 'a,b\n1,2\n').column('c'));
    refuses(/no column beside the labels/, () => csv(t, 'y\n1\n').columnsWithout(['y']));
    refuses(/Git LFS pointer/, () => csv(t, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n'));
  });
});
