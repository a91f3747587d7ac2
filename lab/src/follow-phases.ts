import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { phaseOf } from './decide/phases.ts';
import type { LabSettings } from './decide/settings.ts';
import { engineSocket } from './engine.ts';

/** Tells each phase of a booting VM once, as the container's log shows it.
 * @returns a function that ends it */
export function followPhases(lab: LabSettings, tell: (phase: string) => void): () => void {
  const args = ['--host', engineSocket(lab), 'logs', '--follow', '--tail', '0', lab.container];
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const told = new Set<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const phase = phaseOf(line);
    if (phase === undefined || told.has(phase)) return;
    told.add(phase);
    tell(phase);
  });
  return () => child.kill();
}
