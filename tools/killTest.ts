// `npm run test:kill [-- -t name]`: the kill rounds in full, 20 for each database. GLASSWORKS_KILL_SEED repeats a run.
process.env.GLASSWORKS_KILL_ROUNDS ??= "20";
process.argv.splice(2, 0, "server/test/kill");
await import("./test.ts");

export {};
