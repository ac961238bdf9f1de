export type Period = 'day' | 'night' | 'away';

/** Degrees Celsius by period; what is not set is decided elsewhere. */
export type Settings = Partial<Record<Period, number>>;

/** What holds where neither the room nor the house says anything. */
export const DEFAULTS: Record<Period, number> = { day: 20, night: 17, away: 12 };

/** The temperature a room is to have: its own setting, else the house's, else the default. */
export function target(house: Settings, room: Settings, period: Period): number {
  return room[period] || house[period] || DEFAULTS[period];
}
