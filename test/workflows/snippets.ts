import { parse, stringify } from 'yaml';

/** The YAML blocks of a page that are, or could be parts of, a workflow: what runs an action or starts one. */
export function workflowsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm)]
    .map(([, text = '']) => text)
    .filter((text) => /^\s*(?:- )?uses: |^on:/m.test(text))
    .map(whole);
}

/**
 * A part of a workflow with what a reader has around it. Comments stay, as linters read them: `# v7.0.1` behind a hash.
 * What the part says itself is never replaced.
 */
function whole(text: string): string {
  const keys = Object.keys(parse(text) as object);
  const has = (key: string): boolean => keys.includes(key);
  const around = [
    ...(has('name') ? [] : ['name: Example']),
    ...(has('on') ? [] : ['on: pull_request']),
    ...(has('permissions') && !has('steps') ? [] : ['permissions: {}']),
    ...(has('concurrency')
      ? []
      : [`concurrency:\n  group: $\{{ github.workflow }}-$\{{ github.ref }}\n  cancel-in-progress: true`]),
  ];
  if (has('jobs')) return `${around.join('\n')}\n${named(text)}`;
  const job = has('steps') ? text : "steps:\n  - run: 'true'\n";
  const top = has('steps') ? '' : text;
  return `${around.join('\n')}\n${top}jobs:\n  example:\n    name: Example\n    runs-on: ubuntu-24.04\n${indented(job)}`;
}

/** Jobs in a page are short: a name is not their point. */
function named(text: string): string {
  const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, { readonly name?: string }>> };
  return Object.entries(jobs)
    .filter(([, job]) => job.name === undefined)
    .reduce(
      (all, [id]) => all.replace(`\n  ${id}:\n`, `\n  ${id}:\n    name: ${stringify(id).trim()}\n`),
      text,
    );
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}
