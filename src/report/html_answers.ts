import { type AnswerGroup, type AnswerView, answerGroups } from './changed_answers.ts';
import { escapeHtml, small } from './html_text.ts';
import { counted } from './numbers.ts';
import type { RowView } from './view.ts';

/** What is seen of a test sample: a picture of our own making as a `data:` address, and the path of its file; '' for either. */
export type SightOf = (model: string, index: number) => { readonly picture: string; readonly name: string };

/** Rows of one table. */
const most = 50;

/** A table for each model whose answers changed; empty where none did. */
export function changedAnswers(views: readonly RowView[], sightOf: SightOf): string {
  const groups = answerGroups(views);
  if (groups.length === 0) return '';
  return `<h2>Answers</h2>\n${groups.map((group) => answersOf(group, sightOf)).join('\n')}`;
}

function answersOf({ model, targets, answers }: AnswerGroup, sightOf: SightOf): string {
  const shown = answers.items.slice(0, most);
  const sights = shown.map(({ index }) => sightOf(model, index));
  const hasPictures = sights.some(({ picture }) => picture !== '');
  const hasTruth = shown.some(({ truth }) => truth !== '');
  const rows = shown.map((item, at) => row(item, sights[at], hasPictures, hasTruth));
  const more = answers.items.length - shown.length;
  const head = [...(hasPictures ? [''] : []), 'Sample', 'Before', 'Now', ...(hasTruth ? ['Right'] : [])];
  return `<section class="answers">
<p><strong>${escapeHtml(model, 60)}</strong> on ${escapeHtml(targets.join(', '), 200)}: ${escapeHtml(answers.sentence)}</p>
${
  rows.length === 0
    ? ''
    : `<table class="answers">
<thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>${more > 0 ? `\n<p>and ${counted(more, 'more sample')}</p>` : ''}`
}
</section>`;
}

const turns = { lost: 'right before, wrong now', gained: 'wrong before, right now', other: '' } as const;

function row(
  { index, before, after, truth, turn }: AnswerView,
  sight: { readonly picture: string; readonly name: string } | undefined,
  hasPictures: boolean,
  hasTruth: boolean,
): string {
  const picture = sight?.picture ?? '';
  const cells = [
    ...(hasPictures
      ? [
          /^data:image\/bmp;base64,[A-Za-z0-9+/=]+$/.test(picture)
            ? `<img src="${picture}" alt="sample ${index}">`
            : '',
        ]
      : []),
    `${index}${small(sight?.name ?? '')}`,
    escapeHtml(before, 60),
    `${escapeHtml(after, 60)}${small(turns[turn])}`,
    ...(hasTruth ? [escapeHtml(truth, 60)] : []),
  ];
  return `<tr class="${turn}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}
