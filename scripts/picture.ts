// Draws a report's comment as GitHub shows it, with headless Chromium.
//   node scripts/picture.ts REPORT.json PICTURE.png
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { marked } from 'marked';
import { parseReport } from '../src/report/json.ts';
import { renderMarkdown } from '../src/report/markdown.ts';

const width = 920;
const browsers = ['chromium', 'google-chrome', 'chromium-browser'];

const [reportFile, pictureFile] = process.argv.slice(2);
if (reportFile === undefined || pictureFile === undefined) {
  console.error('usage: node scripts/picture.ts REPORT.json PICTURE.png');
  process.exit(2);
}
const markdown = renderMarkdown(parseReport(readFileSync(reportFile, 'utf8'), reportFile));
const folder = mkdtempSync(join(tmpdir(), 'tinyml-picture-'));
try {
  const page = join(folder, 'comment.html');
  writeFileSync(page, await comment(markdown));
  // The page says how high it is; a second look takes exactly that.
  const { stdout } = await browse(['--dump-dom', page]);
  const height = /data-height="(\d+)"/.exec(stdout)?.[1];
  if (height === undefined) throw new Error('Chromium did not lay the page out');
  await browse([
    `--screenshot=${resolve(pictureFile)}`,
    `--window-size=${width},${height}`,
    '--force-device-scale-factor=1.5',
    page,
  ]);
} finally {
  rmSync(folder, { recursive: true });
}

/** The comment in GitHub's frame: who wrote it, and its text. */
async function comment(text: string): Promise<string> {
  const style = readFileSync(
    createRequire(import.meta.url).resolve('github-markdown-css/github-markdown-light.css'),
    'utf8',
  );
  return `<!doctype html>
<meta charset="utf-8">
<style>
${style}
body { margin: 0; padding: 16px; background: #fff; }
.frame { border: 1px solid #d1d9e0; border-radius: 6px; font-family: -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
.author { padding: 8px 16px; font-size: 14px; color: #59636e; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; }
.author b { color: #1f2328; }
.bot { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font-size: 12px; }
.markdown-body { padding: 16px; font-size: 14px; }
</style>
<div class="frame">
<div class="author"><b>github-actions</b> <span class="bot">bot</span> commented</div>
<article class="markdown-body">${await marked.parse(text, { gfm: true })}</article>
</div>
<script>document.body.dataset.height = Math.ceil(document.documentElement.getBoundingClientRect().height)</script>
`;
}

async function browse(args: readonly string[]): Promise<{ stdout: string }> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  for (const browser of browsers) {
    const result = await execa(
      browser,
      ['--headless', '--disable-gpu', '--hide-scrollbars', `--window-size=${width},600`, ...sandbox, ...args],
      { reject: false, timeout: 60_000 },
    );
    if (result.code === 'ENOENT') continue;
    if (result.exitCode !== 0) throw new Error(`${browser} failed:\n${result.stderr}`);
    return { stdout: result.stdout };
  }
  throw new Error(`none of ${browsers.join(', ')} is installed`);
}
