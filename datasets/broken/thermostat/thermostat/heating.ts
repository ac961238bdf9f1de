/** How far below its target a room may be before it is heated, in degrees. */
export const SLACK = 0.5;

/** Whether a room of this temperature is heated. */
export function heats(now: number, target: number): boolean {
  return now < target - SLACK;
}
