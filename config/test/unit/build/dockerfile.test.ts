import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { dockerfileFaults, readStages } from './support/dockerfile.ts';

const dockerfile = readFileSync(join(import.meta.dirname, '../../../../Dockerfile'), 'utf8');

describe('the Dockerfile', () => {
  test('runs nothing of the other architecture but the installation of the container’s packages', () => {
    assert.deepEqual(dockerfileFaults(dockerfile), []);
  });

  test('has one RUN in the stages of the target’s architecture', () => {
    const stages = readStages(dockerfile);
    const packages = stages.find(({ name }) => name === 'packages');

    assert.equal(packages?.platform, '$TARGETPLATFORM');
    assert.equal(packages.instructions.filter((each) => each.startsWith('RUN ')).length, 1);
    assert.equal(stages.at(-1)?.from, 'packages');
  });

  test('makes what takes minutes from bundles, which a change of other programs leaves alone', () => {
    const slow = readStages(dockerfile).filter(({ name }) => name === 'installer' || name === 'initrd');
    const copied = slow.flatMap(({ instructions }) => instructions.filter((each) => each.startsWith('COPY ')));

    assert.deepEqual(copied, [
      'COPY os_installer/compile.sh os_installer/',
      'COPY config/build/trim-icu.ts config/build/',
      'COPY --from=bundles /out/installer/ /bundles/',
      'COPY initrd/manifest.txt initrd/init initrd/',
      'COPY initrd/files initrd/files',
      'COPY --from=bundles /out/initrd/ /bundles/',
      'COPY --from=installer /out/ /installer/',
      'COPY --from=grub /out/ /built/',
    ]);
  });

  test('takes what only labels tell after everything that is slow to make', () => {
    const last = readStages(dockerfile).at(-1)?.instructions ?? [];
    const labels = last.findIndex((each) => each.startsWith('ARG BASE_IMAGE'));

    assert.ok(labels > 0);
    assert.deepEqual(
      last.slice(labels).map((each) => each.split(/[ =]/).slice(0, 2).join(' ')),
      [
        'ARG BASE_IMAGE',
        'ARG VERSION',
        'ARG CREATED',
        'ARG SOURCE',
        'ARG REVISION',
        'LABEL org.opencontainers.image.title',
      ],
    );
  });
});

describe('the inputs of an image', () => {
  test('leave out the same names whether a builder copies them or hash-inputs.sh lists them', () => {
    const read = (file: string): string => readFileSync(join(import.meta.dirname, '../../../..', file), 'utf8');

    const ignored = [...read('.dockerignore').matchAll(/^\*\*\/(.+)$/gm)].map(([, name]) => name);
    const pruned = [...read('config/build/hash-inputs.sh').matchAll(/-name (\S+)/g)].map(([, name]) => name);

    assert.ok(ignored.length > 0);
    assert.deepEqual(ignored.sort(), pruned.sort());
  });
});

describe('the check of the Dockerfile', () => {
  const native = 'FROM --platform=$BUILDPLATFORM base AS tools\nRUN make\n';
  const cases: [string, string, string[]][] = [
    ['a native stage may run programs', native, []],
    ['so may one that goes on from it', `${native}FROM tools AS more\nRUN make\n`, []],
    [
      'a second RUN with the packages is named',
      'FROM --platform=$TARGETPLATFORM base AS packages\nRUN a\nRUN b\n',
      ["packages: RUN in a stage of the target's architecture"],
    ],
    [
      'a RUN in the last stage is named',
      'FROM --platform=$TARGETPLATFORM base AS packages\nRUN a\nFROM packages\n# why\nRUN b \\\n c\n',
      ["the last stage: RUN in a stage of the target's architecture"],
    ],
    ['a base without a platform is named', 'FROM base AS tools\n', ['tools: base image without a platform']],
    ['a heredoc is named', `${native}RUN <<EOF\n`, ['tools: heredoc']],
    ['COPY --link is named', `${native}COPY --link a b\n`, ['tools: COPY --link']],
    ['a bind mount is named', `${native}RUN --mount=type=bind,target=/x ls\n`, ['tools: bind mount']],
  ];
  for (const [title, text, faults] of cases) {
    test(title, () => {
      assert.deepEqual(dockerfileFaults(text), faults);
    });
  }
});
