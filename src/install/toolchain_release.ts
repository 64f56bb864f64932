import { DeployError, printable } from '../errors.ts';
import type { PinnedArchive } from './pinned_archive.ts';
import type { Host } from './renode_release.ts';

const arm = 'https://developer.arm.com/-/media/Files/downloads/gnu';
// From 15.3 on, Arm publishes on its GitLab only.
const armGitlab =
  'https://gitlab.arm.com/api/v4/projects/tooling%2Fgnu-toolchains-for-arm/packages/generic/gnu-toolchain';

/** Arm GNU toolchains for arm-none-eabi. */
export const toolchainReleases: readonly PinnedArchive[] = [
  {
    tool: 'arm-gnu-toolchain',
    version: '15.3',
    arch: 'x64',
    url: `${armGitlab}/15.3.rel1/arm-gnu-toolchain-15.3.rel1-x86_64-arm-none-eabi.tar.xz`,
    sha256: '563bebb2b97d53382b956d6ee1fe61e2cae26699901417234a37df505ef9b5fa',
    executable: 'bin/arm-none-eabi-gcc',
  },
  {
    tool: 'arm-gnu-toolchain',
    version: '15.3',
    arch: 'arm64',
    url: `${armGitlab}/15.3.rel1/arm-gnu-toolchain-15.3.rel1-aarch64-arm-none-eabi.tar.xz`,
    sha256: '06979e0c8171de58e5dc2a2b2019330a290f30930f27728af98a83e1a7369b3a',
    executable: 'bin/arm-none-eabi-gcc',
  },
  {
    tool: 'arm-gnu-toolchain',
    version: '14.3',
    arch: 'x64',
    url: `${arm}/14.3.rel1/binrel/arm-gnu-toolchain-14.3.rel1-x86_64-arm-none-eabi.tar.xz`,
    sha256: '8f6903f8ceb084d9227b9ef991490413014d991874a1e34074443c2a72b14dbd',
    executable: 'bin/arm-none-eabi-gcc',
  },
  {
    tool: 'arm-gnu-toolchain',
    version: '14.2',
    arch: 'x64',
    url: `${arm}/14.2.rel1/binrel/arm-gnu-toolchain-14.2.rel1-x86_64-arm-none-eabi.tar.xz`,
    sha256: '62a63b981fe391a9cbad7ef51b17e49aeaa3e7b0d029b36ca1e9c3b2a9b78823',
    executable: 'bin/arm-none-eabi-gcc',
  },
  {
    tool: 'arm-gnu-toolchain',
    version: '13.3',
    arch: 'x64',
    url: `${arm}/13.3.rel1/binrel/arm-gnu-toolchain-13.3.rel1-x86_64-arm-none-eabi.tar.xz`,
    sha256: '95c011cee430e64dd6087c75c800f04b9c49832cc1000127a92a97f9c8d83af4',
    executable: 'bin/arm-none-eabi-gcc',
  },
];

/** The versions that `toolchain:` takes besides `system`, newest first. */
export const toolchainVersions: readonly string[] = [
  ...new Set(toolchainReleases.map((entry) => entry.version)),
];

/** The pinned toolchain of that version for this host; throws a `DeployError` that names what can be had. */
export function toolchainRelease(host: Host, version: string): PinnedArchive {
  const release = toolchainReleases.find((entry) => entry.version === version && entry.arch === host.arch);
  if (release !== undefined && host.platform === 'linux') return release;
  const here = toolchainReleases
    .filter((entry) => entry.arch === host.arch && host.platform === 'linux')
    .map((entry) => entry.version);
  throw new DeployError(
    'input',
    `There is no pinned Arm GNU toolchain ${printable(version)} for ${host.platform} ${host.arch}.`,
    {},
    here.length === 0
      ? 'Use `toolchain: system` with an arm-none-eabi-gcc of your own.'
      : `Pinned for this machine: ${here.join(', ')}; or use \`toolchain: system\`.`,
  );
}
