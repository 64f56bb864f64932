import type { Measurement } from '../measurement.ts';
import type { Report } from '../report/report.ts';
import type { Deployment } from './deployment.ts';
import { type ReleaseFile, sha256 } from './file.ts';
import { byName } from './order.ts';

/** The parts of a CycloneDX component that we fill in. */
interface Component {
  readonly type: 'application' | 'file' | 'firmware' | 'library' | 'machine-learning-model';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

/**
 * CycloneDX 1.6 as JSON: which models and which run-time libraries are in each firmware, and what compiled it. Holds
 * nothing of the machine and no random number: its serial number is made from its content.
 */
export function renderBillOfMaterials(
  { tool, run, head }: Pick<Report, 'tool' | 'run' | 'head'>,
  deployments: readonly Deployment[],
): string {
  const content = {
    version: 1,
    metadata: {
      timestamp: run.at,
      lifecycles: [{ phase: 'build' }],
      tools: { components: [toolComponent(tool.version)] },
      component: {
        type: 'firmware',
        'bom-ref': 'release',
        name: 'release',
        version: head.commit ?? 'unversioned',
        description: 'Neural networks for microcontrollers: firmware and C libraries',
      },
    },
    components: [
      ...unique(deployments.map(({ measurement }) => modelComponent(measurement))),
      ...unique(deployments.flatMap(({ measurement }) => toolchainComponents(measurement))),
      ...deployments.map(deploymentComponent),
    ],
    dependencies: byName(
      [
        { ref: 'release', dependsOn: deployments.map(({ name }) => name) },
        ...deployments.map((each) => ({ ref: each.name, dependsOn: ingredients(each.measurement) })),
      ],
      ({ ref }) => ref,
    ),
  };
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    ...content,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function toolComponent(version: string): Component {
  return {
    type: 'application',
    'bom-ref': 'tinyml-deploy',
    name: 'tinyml-deploy',
    version,
    licenses: [{ license: { id: 'Apache-2.0' } }],
    purl: `pkg:github/tinyml/deploy-action@v${version}`,
  };
}

function modelComponent({ model }: Measurement): Component {
  return {
    type: 'machine-learning-model',
    'bom-ref': `model:${model.name}`,
    name: model.name,
    hashes: [{ alg: 'SHA-256', content: model.sha256 }],
    properties: [
      { name: 'tinyml:file', value: model.file },
      { name: 'tinyml:bytes', value: String(model.bytes) },
    ],
  };
}

/** The compiler, and what of its own libraries it links in. */
function toolchainComponents({ compiler, flash }: Measurement): Component[] {
  const version = compilerVersion(compiler.version);
  const program: Component = {
    type: 'application',
    'bom-ref': compilerReference(compiler),
    name: 'arm-none-eabi-gcc',
    version,
    description: compiler.version,
  };
  if (flash.runtime === 0) return [program];
  return [
    program,
    {
      type: 'library',
      'bom-ref': runtimeReference(compiler),
      name: 'libgcc and newlib',
      version,
      description: `Run-time libraries of ${compiler.version}`,
    },
  ];
}

function deploymentComponent({ name, measurement, firmware, library }: Deployment): Component {
  return {
    type: 'firmware',
    'bom-ref': name,
    name,
    properties: [
      { name: 'tinyml:model', value: measurement.model.name },
      { name: 'tinyml:target', value: measurement.target },
      { name: 'tinyml:compiler-flags', value: measurement.compiler.flags.join(' ') },
    ],
    components: [...firmware, library].map(fileComponent),
  };
}

function fileComponent(file: ReleaseFile): Component {
  return {
    type: 'file',
    'bom-ref': `file:${file.name}`,
    name: file.name,
    hashes: [{ alg: 'SHA-256', content: file.sha256 }],
    properties: [{ name: 'tinyml:bytes', value: String(file.bytes) }],
  };
}

function ingredients({ model, compiler, flash }: Measurement): string[] {
  const own = [`model:${model.name}`, compilerReference(compiler)];
  return flash.runtime === 0 ? own : [...own, runtimeReference(compiler)];
}

const compilerReference = ({ version }: Measurement['compiler']) => `compiler:${version}`;
const runtimeReference = ({ version }: Measurement['compiler']) => `runtime:${version}`;

/** `arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205` → `12.2.1`; the whole line where there is no such number. */
function compilerVersion(line: string): string {
  return /(?:^|[\s)])(\d+\.\d+\.\d+)(?=\s|$)/.exec(line)?.[1] ?? line;
}

function unique(components: readonly Component[]): Component[] {
  return [...new Map(components.map((each) => [each['bom-ref'], each])).values()];
}

/** RFC 9562, version 8: 122 bits of the content's hash. */
function uuidOf(content: string): string {
  const hex = sha256(content);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
