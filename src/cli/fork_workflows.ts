/** The pair of workflows for pull requests from forks, by path; the same as in examples/forks, as a test says. */
export const forkWorkflows: Readonly<Record<string, string>> = {
  '.github/workflows/tinyml.yml': `# The first of the pair: measures any pull request, also a stranger's, with a token that can only read.
name: TinyML

on:
  pull_request:
  push:
    branches: [main]

permissions: {}

concurrency:
  group: \${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  measure:
    name: Measure
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      actions: read # the report of the commit to compare with
      contents: read
      pull-requests: read # the label that accepts a regression
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0 # the commit to compare with too
          persist-credentials: false
      - uses: tinyml/deploy-action@v1
        with:
          comment: false # the other workflow writes it
`,
  '.github/workflows/tinyml-comment.yml': `# The second of the pair: writes what the first one measured into the comment. It has a token that can write, and so it
# checks nothing out and runs nothing of the pull request. It takes one file of that run's artifact as data, checks it
# against the schema of a report, escapes all of its text, and finds the pull request by the commit that was measured.
name: TinyML comment

on:
  workflow_run: # zizmor: ignore[dangerous-triggers] nothing of the run that triggers this is checked out or run
    workflows: [TinyML]
    types: [completed]

permissions: {}

concurrency:
  group: \${{ github.workflow }}-\${{ github.event.workflow_run.head_repository.full_name }}-\${{ github.event.workflow_run.head_branch }}
  cancel-in-progress: false # the last one writes last

jobs:
  comment:
    name: Comment
    if: github.event.workflow_run.event == 'pull_request'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      actions: read # the artifact of the other workflow's run
      pull-requests: write # the one comment
    steps:
      - uses: tinyml/deploy-action@v1
        with:
          mode: comment
`,
};
