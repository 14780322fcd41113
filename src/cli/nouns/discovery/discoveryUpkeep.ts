/**
 * `ic discovery feedback|profile|decay|rollback`: feedback on discoveries, their profile, and cleanup
 * (`docs/design/formats.md#discoveries`).
 */
import { interestProfile, updateInterestProfile } from '../../../kernel/discovery/profile';
import { decayDiscoveries, recordFeedback, rollbackDiscoveries } from '../../../kernel/discovery/service';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { integerOf, numberOf, positional, textOf } from '../../grammar/values';
import { required, textOrFile } from './discoveries';

const feedback: CliCommand = {
  words: ['discovery', 'feedback'],
  summary: 'Record feedback on a discovery.',
  operands: '<discovery>',
  flags: [
    { name: 'signal', value: 'SIGNAL', doc: 'The feedback, in one word', isRequired: true },
    { name: 'data', value: 'X', doc: 'JSON, or @FILE' },
    { name: 'actor', value: 'NAME', doc: 'Who gave it (system)' },
  ],
  exits: { 1: 'no such discovery' },
  async run(context) {
    const { args, out } = context;
    const id = positional(args, 0, context.usage);
    const signal = required(textOf(args, 'signal'), 'signal');
    const data = await textOrFile(context, 'data');
    const actor = textOf(args, 'actor');
    const session = await context.session();
    await session.write((unit) => {
      recordFeedback(unit, id, { signal, data, actor });
    });
    out.line(`feedback recorded: ${id} ${signal}`);
    return EXIT.ok;
  },
};

const profile: CliCommand = {
  words: ['discovery', 'profile'],
  summary: 'Show the profile that discoveries are scored by.',
  json: true,
  async run(context) {
    const session = await context.session();
    const { keywordWeights, sourceWeights, updatedAt } = session.read(interestProfile);
    if (context.flags.json) {
      context.out.json({
        id: 1,
        keyword_weights: keywordWeights,
        source_weights: sourceWeights,
        updated_at: updatedAt,
      });
    } else {
      context.out.line(`keyword_weights: ${keywordWeights}`);
      context.out.line(`source_weights: ${sourceWeights}`);
      context.out.line(`updated_at: ${updatedAt}`);
    }
    return EXIT.ok;
  },
};

const profileUpdate: CliCommand = {
  words: ['discovery', 'profile', 'update'],
  summary: 'Set the profile that discoveries are scored by.',
  flags: [
    { name: 'keyword-weights', value: 'X', doc: 'JSON, or @FILE', isRequired: true },
    { name: 'source-weights', value: 'X', doc: 'JSON, or @FILE', isRequired: true },
  ],
  async run(context) {
    const weights = async (name: string): Promise<string> => required(await textOrFile(context, name), name);
    const keywordWeights = await weights('keyword-weights');
    const sourceWeights = await weights('source-weights');
    const session = await context.session();
    await session.write((unit) => updateInterestProfile(unit, { keywordWeights, sourceWeights }));
    context.out.line('profile updated');
    return EXIT.ok;
  },
};

const decay: CliCommand = {
  words: ['discovery', 'decay'],
  summary: 'Reduce the scores of old open discoveries.',
  flags: [
    { name: 'rate', value: '0-1', doc: 'The fraction to subtract', isRequired: true },
    { name: 'min-age', value: 'SECONDS', doc: 'Minimum age (86400)' },
  ],
  async run(context) {
    const rate = required(numberOf(context.args, 'rate'), 'rate');
    const minAgeSec = integerOf(context.args, 'min-age', { min: 0, wanted: 'non-negative integer' });
    const session = await context.session();
    context.out.line(`${await session.write((unit) => decayDiscoveries(unit, { rate, minAgeSec }))} decayed`);
    return EXIT.ok;
  },
};

const rollback: CliCommand = {
  words: ['discovery', 'rollback'],
  summary: 'Dismiss the open discoveries of a source since a time.',
  flags: [
    { name: 'source', value: 'SOURCE', doc: 'The source', isRequired: true },
    { name: 'since', value: 'TIME', doc: 'Unix seconds', isRequired: true },
  ],
  async run(context) {
    const source = required(textOf(context.args, 'source'), 'source');
    const bounds = { min: 0, wanted: 'Unix seconds' };
    const since = required(integerOf(context.args, 'since', bounds), 'since');
    const session = await context.session();
    context.out.line(String(await session.write((unit) => rollbackDiscoveries(unit, { source, since }))));
    return EXIT.ok;
  },
};

export const DISCOVERY_UPKEEP_COMMANDS: readonly CliCommand[] = [feedback, profile, profileUpdate, decay, rollback];
