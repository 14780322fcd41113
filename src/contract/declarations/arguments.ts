/** Arguments that several operations take. */
import * as z from 'zod';

/** Absolute path of an open workspace folder. May be left out where one folder is open, or where an id names it. */
export const folder = z.string().min(1).optional();
export const id = z.string().min(1).max(128);
export const portfolioId = id;
export const phase = z.string().min(1).max(200);
export const reason = z
  .string()
  .max(10_000)
  .refine((text) => text.trim().length > 0, 'it must not be empty');
export const location = z.string().min(1).max(4096);

/** In US dollars, to a millionth. */
export const costUsd = z.number().min(0.000_001).max(1_000_000);
/** Null removes it. */
export const costLimit = costUsd.nullable().optional();

export const ofRun = { folder, runId: id };
export const ofDispatch = { folder, dispatchId: id };
export const ofProject = { folder, projectId: id };
export const ofTask = { folder, taskId: id };
export const ofSubtask = { folder, subtaskId: id };
export const ofPortfolio = { portfolioId };

/** What commands on a row take: they ask for what is left out. */
export const someRun = z.strictObject(ofRun).partial();
export const someDispatch = z.strictObject(ofDispatch).partial();
export const someTask = z.strictObject(ofTask).partial();
export const someSubtask = z.strictObject(ofSubtask).partial();
export const somePortfolio = z.strictObject(ofPortfolio).partial();

/** Which rows of a long list. */
export const page = { from: z.int().min(0).optional(), limit: z.int().min(1).max(10_000).optional() };
