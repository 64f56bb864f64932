import { metricTable } from './metrics.ts';
import type { Metric } from './report.ts';

/** Numbers as every report writes them: exact, with separators, and never a change that is rounded away. */

/** 1234567 → `1,234,567`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** 52144 → `52,144 B`. */
export function bytes(value: number): string {
  return `${grouped(value)} B`;
}

/** 52144 → `50.9 KiB`, for reading beside the exact number. */
export function kibibytes(value: number): string {
  const KiB = 1024;
  if (value < KiB) return bytes(value);
  if (value % (KiB * KiB) === 0) return `${value / KiB / KiB} MiB`;
  return `${value % KiB === 0 ? grouped(value / KiB) : withPlaces(value / KiB)} KiB`;
}

function withPlaces(value: number): string {
  const [whole = '', fraction = '0'] = value.toFixed(1).split('.');
  return `${grouped(Number(whole))}.${fraction}`;
}

/** -1024 → `−1,024`, with a sign that is as wide as a plus. */
export function signed(value: number): string {
  return value === 0 ? '0' : `${value > 0 ? '+' : '−'}${grouped(Math.abs(value))}`;
}

/** Change in percent: `+2.04%`, `−12.5%`, `+<0.01%`; empty from 0, which has no percentage. */
export function percentChange(before: number, after: number): string {
  if (before === 0 || before === after) return '';
  const percent = (100 * Math.abs(after - before)) / before;
  const sign = after > before ? '+' : '−';
  if (percent < 0.01) return `${sign}<0.01%`;
  return `${sign}${percent < 10 ? percent.toFixed(2) : percent < 100 ? percent.toFixed(1) : grouped(Math.round(percent))}%`;
}

/** Share of a whole: `5.0%`; what is more than nothing is never shown as 0, and what is not all of it never as 100. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return '<0.1%';
  if (part < whole && percent > 99.9) return '>99.9%';
  if (part > whole && percent < 100.1) return '>100%';
  return `${percent < 1000 ? percent.toFixed(1) : grouped(Math.round(percent))}%`;
}

/** True of what is bytes. */
export function isSize(metric: Metric): boolean {
  return metricTable[metric].unit === 'bytes';
}

/** A number of its metric with the unit: bytes for sizes, none for instructions, which their column names. */
export function quantity(metric: Metric, value: number): string {
  switch (metricTable[metric].unit) {
    case 'percent':
      return percentage(value);
    case 'instructions':
      return grouped(value);
    case 'cycles':
      return `${grouped(value)} cycles`;
    case 'nanojoules':
      return microjoules(value);
    case 'bytes':
      return bytes(value);
    case 'samples':
      return counted(value, 'sample');
    case 'own':
      return significant(value);
  }
}

/** 0.0712345 → `0.07123`: five digits tell two values apart that differ by more than chance. */
export function significant(value: number): string {
  const text = String(Number(value.toPrecision(5)));
  return text.replace('-', '−');
}

/** 1863512 nJ → `1,863.5 µJ`. */
function microjoules(nanojoules: number): string {
  const [whole = '', fraction = '0'] = (nanojoules / 1000).toFixed(1).split('.');
  return `${grouped(Number(whole))}.${fraction} µJ`;
}

/** 96.5 → `96.50%`. Cut, not rounded, so that only a perfect score reads 100.00%. */
export function percentage(value: number): string {
  return `${(Math.floor(Math.round(value * 1e9) / 1e7) / 100).toFixed(2)}%`;
}

/** Singular or plural: `1 model`, `2 models`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
