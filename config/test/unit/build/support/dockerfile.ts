/** One stage of a Dockerfile. */
export interface Stage {
  name: string | undefined;
  /** An image, or the name of an earlier stage. */
  from: string;
  platform: string | undefined;
  instructions: readonly string[];
}

/** Stages in order; continued lines are joined, comments left out. */
export function readStages(dockerfile: string): Stage[] {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const stages: { -readonly [key in keyof Stage]: Stage[key] }[] = [];
  for (const line of lines) {
    const from = /^FROM (?:--platform=(\S+) )?(\S+)(?: AS (\S+))?$/.exec(line);
    if (from !== null) stages.push({ name: from[3], from: from[2] ?? '', platform: from[1], instructions: [] });
    else if (stages.length > 0) stages.at(-1)!.instructions = [...stages.at(-1)!.instructions, line];
  }
  return stages;
}

/** What would need emulation, or what one of the two builders does not understand. */
export function dockerfileFaults(dockerfile: string): string[] {
  const faults: string[] = [];
  const native = new Set<string>();
  const known = new Set<string>();
  for (const { name, from, platform, instructions } of readStages(dockerfile)) {
    const called = name ?? 'the last stage';
    if (platform === '$BUILDPLATFORM' || native.has(from)) native.add(name ?? '');
    else faults.push(...foreignFaults(called, instructions));
    if (platform === undefined && !known.has(from)) faults.push(`${called}: base image without a platform`);
    for (const each of instructions) faults.push(...builderFaults(called, each));
    known.add(name ?? '');
  }
  return faults;
}

function foreignFaults(stage: string, instructions: readonly string[]): string[] {
  const runs = instructions.filter((each) => each.startsWith('RUN '));
  return runs.length === 0 || (stage === 'packages' && runs.length === 1)
    ? []
    : [`${stage}: RUN in a stage of the target's architecture`];
}

function builderFaults(stage: string, instruction: string): string[] {
  const faults: [RegExp, string][] = [
    [/^(RUN|COPY) .*<</, 'heredoc'],
    [/^COPY .*--link/, 'COPY --link'],
    [/^RUN .*--mount=type=bind/, 'bind mount'],
  ];
  return faults.flatMap(([pattern, what]) => (pattern.test(instruction) ? [`${stage}: ${what}`] : []));
}
