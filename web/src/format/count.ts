/** "10,000". */
export const figure = (number: number): string => number.toLocaleString("en-GB");

/** "1 picture", "10,000 pictures". */
export const count = (number: number, one: string, many = `${one}s`): string => `${figure(number)} ${number === 1 ? one : many}`;
