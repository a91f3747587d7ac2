import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { execa } from 'execa';

const script = join(import.meta.dirname, '../../../build/stages.sh');

async function stagesOf(output: string): Promise<string[]> {
  const { stdout } = await execa(script, { input: output });
  return stdout.split('\n').map((line) => line.replace(/^\[image\] +\d+ s {2}/, ''));
}

test('stages of buildah are told once each; the last one is the container', async () => {
  const output = `[1/3] STEP 1/16: FROM localhost/pxeboot_base_amd64:trixie AS toolchain
[1/3] STEP 2/16: RUN apt-get update
Setting up [x] STEP 1: FROM nothing
[2/3] STEP 1/4: FROM 857160063203 AS ipxe
[3/3] STEP 1/12: FROM ad4e2f7
[3/3] STEP 2/12: ARG TARGETARCH
`;

  assert.deepEqual(await stagesOf(output), ['toolchain', 'ipxe', 'container']);
});

test('stages of docker buildx are told once each, whatever platform and order they run in', async () => {
  const output = `#1 [internal] load build definition from Dockerfile
#5 [toolchain 1/9] FROM docker.io/library/debian:trixie-slim
#6 [linux/arm64 packages 2/2] RUN apt-get update
#7 [toolchain  2/9] RUN apt-get install
#7 12.3 [1/2] unpacking
#9 [linux/arm64 stage-9 1/4] COPY --from=toolchain /node/node-arm64 /usr/local/bin/node
#9 DONE 1.2s
`;

  assert.deepEqual(await stagesOf(output), ['toolchain', 'packages', 'container']);
});
