// Which rule an exchange meets, and why.
import { testRules } from '../api/calls';
import { messageOf } from '../api/error';
import type { RuleTest, RuleTested } from '../api/types';

/** One question about the rules, and its answer. */
export class RuleQuestion {
  answer = $state.raw<RuleTest | null>(null);
  error = $state<string | null>(null);
  asking = $state(false);

  async ask(tested: RuleTested): Promise<void> {
    this.asking = true;
    this.error = null;
    try {
      this.answer = await testRules(tested);
    } catch (error) {
      this.answer = null;
      this.error = messageOf(error);
    } finally {
      this.asking = false;
    }
  }
}
