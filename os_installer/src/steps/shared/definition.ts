import type { Context, Site } from '../../context.ts';
import type { Decisions } from '../../plan/decide.ts';

/** Everything about one kind of step. All but `run` is pure. */
export interface StepDefinition<Data> {
  /** The step as data, complete: the rest needs no decisions. */
  plan(decisions: Decisions): Data;
  /** One line that says what it does. */
  describe(step: Data): string;
  /** Everything that it does, one line for each command, download or file. */
  lines(step: Data, site: Site): string[];
  /** What a person would look at first after it has failed; all of it is in the initrd and changes nothing.
   * @param root device of the root file system */
  hints(step: Data, root: string): string[];
  /** @throws when the step did not fully succeed */
  run(step: Data, context: Context): Promise<void>;
}
