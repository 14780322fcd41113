/** How a command ends that a person gave up. Apart from the questions: a window starts without those. */

/** The person pressed Esc or Cancel: the command ends quietly, having changed nothing. */
export class Dismissed extends Error {
  override readonly name = 'Dismissed';
}
