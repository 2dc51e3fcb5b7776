import type { Config } from "../config.ts";
import type { Screen } from "./screen.ts";
import type { StopSignals } from "./stopSignals.ts";
import type { Terminal } from "./terminal.ts";

/** A platform running in this process. */
export interface RunningApp {
	/** Where it listens; of no meaning when it serves no API. */
	url: string;
	/** Acts as the owner. */
	localToken: string;
	/** Only when it was made by this start: to be shown once. */
	ownerKey: string | null;
	/** Stops taking work, lets running steps finish or gives them back, closes everything. */
	close(): Promise<void>;
}

export interface StartOptions {
	services: ("api" | "worker")[];
	/** Default: the configured one. 0: any free one. */
	port?: number;
	/** Logs only warnings. */
	quiet?: boolean;
}

/** What the commands are given by main.ts. Heavy parts are loaded when called. */
export interface CliDeps {
	readConfig(): Config;
	startApp(config: Config, options: StartOptions): Promise<RunningApp>;
	/** Opens the store without serving, which brings its schema up to date. */
	openPorts(config: Config): Promise<{ close(): Promise<void> }>;
	terminal: Terminal;
	screen: Screen;
	stop: StopSignals;
}
