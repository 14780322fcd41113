/** Runs a command line of `ic` in the cheapest way that shows the same. */
import { IS_LONG } from '../long';
import { ic, type IcOptions, type IcResult } from './ic';
import { icHere } from './icHere';

/** These find files of ours next to the program that runs them, or programs on a PATH of their own. */
const STARTS_PROGRAMS = /^(dispatch (spawn|queue|continue|hand-over|kill|wait)|doctor|lead|mcp|task sync)\b/;

/** In this process, but for what starts or ends programs; as a process in the long run. */
export function icBrief(args: readonly string[], options: IcOptions): Promise<IcResult> {
  const [noun = '', verb = ''] = args;
  return IS_LONG || STARTS_PROGRAMS.test(`${noun} ${verb}`) ? ic(args, options) : icHere(args, options);
}
