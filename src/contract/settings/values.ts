/** Values that settings of several kinds have. */
import * as z from 'zod';

/** On Windows too. */
export const absoluteOrEmpty = z
  .string()
  .max(4096)
  .regex(/^$|^([A-Za-z]:)?[\\/]/, 'it must be an absolute path');

/** A program with its arguments, never a shell line. */
export const commandLine = z.tuple([z.string().min(1)], z.string());

export const wholeNumber = (min: number, max: number): z.ZodInt => z.int().min(min).max(max);
