import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { execa, execaSync } from 'execa';
import { renderHtml } from '../../src/report/html.ts';
import { layerFlash } from '../../src/report/layers.ts';
import { sampleReport } from './sample.ts';

const browser = ['chromium', 'google-chrome', 'chromium-browser'].find(
  (name) => execaSync(name, ['--version'], { reject: false }).exitCode === 0,
);
const report = sampleReport();
const page = renderHtml(report);
const folder = mkdtempSync(join(tmpdir(), 'tinyml-html-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the page is after Chromium has read it, and what Chromium had to say. */
async function opened(t: TestContext, html: string, ...flags: string[]) {
  if (browser === undefined) {
    t.skip('SKIPPED: there is no Chromium here (apt-get install chromium)');
    return null;
  }
  const file = join(folder, `${t.name.replaceAll(/\W/g, '_')}.html`);
  writeFileSync(file, html);
  const { stdout, stderr } = await execa(
    browser,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--enable-logging=stderr',
      '--virtual-time-budget=2000',
      `--user-data-dir=${join(folder, 'profile')}`,
      ...flags,
      '--dump-dom',
      pathToFileURL(file).href,
    ],
    { timeout: 60_000 },
  );
  return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes(':CONSOLE')) };
}

const figuresIn = (html: string) =>
  [...html.matchAll(/<data value="([\d.]+)">([\d,]+)/g)].map(([, value, text]) => {
    assert.equal(Number(text?.replaceAll(',', '')), Number(value));
    return Number(value);
  });

/** A page around the report that measures it, since the report itself runs no script. */
const framed = (width: number) => {
  const source = page
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replace(/<meta http-equiv[^>]*>/, '');
  return `<!doctype html><iframe style="width:${width}px;height:800px;border:0" srcdoc="${source}"></iframe><script>
onload = () => {
  const { contentDocument: inner } = document.querySelector('iframe');
  inner.querySelectorAll('details').forEach((each) => { each.open = true; });
  const wide = [...inner.querySelectorAll('body *')].filter((each) =>
    !each.closest('.scroll') && each.getBoundingClientRect().right > inner.documentElement.clientWidth + 0.5);
  document.body.dataset.beyond = inner.documentElement.scrollWidth - inner.documentElement.clientWidth;
  document.body.dataset.wide = wide.map((each) => each.tagName + '.' + each.className).join(' ');
  const style = inner.defaultView.getComputedStyle(inner.body);
  document.body.dataset.colours = style.color + ' on ' + style.backgroundColor;
};
</script>`;
};

describe('the HTML report in a browser', () => {
  it('opens without a word on the console, and asks for nothing', async (t) => {
    const result = await opened(t, page);
    if (result === null) return;
    assert.deepEqual(result.console, []);
    assert.match(result.dom, /<title>Fail: 3 of 5 deployments/);
    const strict = await opened(t, page.replace('<header', '<img src="https://example.com/x.png"><header'));
    assert.equal(strict?.console.length, 1, 'a page that asked would be heard');
  });

  it('shows the figures of the JSON', async (t) => {
    const result = await opened(t, page);
    if (result === null) return;
    const [head = '', ...deployments] = result.dom.split('<details class="deployment"');
    const [overview = ''] = head.split('<section class="answers"');
    const rows = overview.split('<tr class="').slice(1);
    assert.equal(rows.length, report.rows.length);
    for (const [index, row] of report.rows.entries()) {
      const shown = (metric: string) => {
        const change = row.changes.find((each) => each.metric === metric);
        return row.presence === 'removed' ? change?.before : change?.after;
      };
      const wanted = ['flash', 'ram', 'instructions'].map(shown).filter((value) => value !== null);
      assert.deepEqual(figuresIn(rows[index] ?? ''), wanted, `${row.model} on ${row.target}`);
    }
    assert.equal(deployments.length, report.measurements.length);
    for (const [index, measurement] of report.measurements.entries()) {
      const [, list = ''] = (deployments[index] ?? '').split('<ol class="layers"');
      const layers = measurement.layers.flatMap((layer) => [layerFlash(layer), layer.instructions]);
      assert.deepEqual(
        figuresIn(list),
        layers.filter((value) => value !== null),
      );
      const [, buffers = ''] = (deployments[index] ?? '').split('<table class="buffers"');
      assert.deepEqual(
        figuresIn(buffers.split('</table>')[0] ?? ''),
        measurement.arena
          .toSorted((a, b) => a.firstStep - b.firstStep)
          .flatMap(({ offset, bytes }) => [offset, bytes]),
      );
    }
  });

  it('draws the trend that the JSON has, and the figures of now', async (t) => {
    const result = await opened(t, page);
    if (result === null) return;
    const [, ...deployments] = result.dom.split('<details class="deployment"');
    for (const [index, { model, target, flash, ram, instructions }] of report.measurements.entries()) {
      const earlier = report.trend.map(({ rows }) =>
        rows.find((row) => row.model === model.name && row.target === target),
      );
      const series = [
        [...earlier.map((row) => row?.flash), flash.total],
        [...earlier.map((row) => row?.ram), ram.total],
        [...earlier.map((row) => row?.instructions), instructions?.total],
      ].map((values) => values.filter((value) => value !== undefined && value !== null));
      const [, section = ''] = (deployments[index] ?? '').split('<section class="trend">');
      const charts = (section.split('</section>')[0] ?? '').split('<svg').slice(1);
      assert.deepEqual(
        charts.map((chart) =>
          [...chart.matchAll(/<title>[^<]*: ([\d,]+)(?: B)?<\/title>/g)].map(([, value]) =>
            Number(value?.replaceAll(',', '')),
          ),
        ),
        series.filter((values) => values.length > 1),
        `${model.name} on ${target}`,
      );
    }
  });

  for (const width of [360, 1200])
    it(`fits ${width} pixels`, async (t) => {
      const result = await opened(t, framed(width));
      if (result === null) return;
      assert.match(result.dom, /data-beyond="0" data-wide="" /);
    });

  it('is dark for those who like it dark', async (t) => {
    const colours = async (flag: string) =>
      /data-colours="([^"]*)"/.exec((await opened(t, framed(800), flag))?.dom ?? '')?.[1];
    const [dark, light] = [
      await colours('--blink-settings=preferredColorScheme=0'),
      await colours('--blink-settings=preferredColorScheme=1'),
    ];
    if (browser === undefined) return;
    assert.equal(light, 'rgb(27, 33, 41) on rgb(255, 255, 255)');
    assert.equal(dark, 'rgb(228, 232, 238) on rgb(20, 24, 29)');
  });
});
