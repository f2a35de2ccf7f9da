import type { Device } from "longspan";
import type { Machine } from "../machine.js";
import type { OptionTable, Settings } from "./options.js";

/** What an experiment runs with, beside its settings. */
export interface Context {
	readonly device: Device;
	/** Seed of all random numbers. */
	readonly seed: number;
	/** Says what is being done, in a line that changes. */
	readonly progress: (text: string) => void;
	/** Says what was found, in a line that stays. */
	readonly log: (text: string) => void;
	/** Rows that a run with the same settings, seed and device has stored before; they may be given back instead of being measured again. */
	readonly storedRows: () => readonly unknown[];
	/** Stores rows of an experiment that is not done yet, so that a stop does not lose them. */
	readonly storeRows: (rows: readonly unknown[]) => void;
}

/** What one run found, as it is stored. */
export interface Results<S = Settings, Row = unknown> {
	readonly experiment: string;
	/** Day of the run, as in 2026-11-30. */
	readonly date: string;
	readonly machine: Machine;
	/** The build and the threads that computed. */
	readonly device: string;
	readonly seed: number;
	readonly settings: S;
	/** How long the run took. */
	readonly seconds: number;
	readonly rows: readonly Row[];
}

/** An experiment's part of docs/experiments.md, but for the machine and the settings. All texts are Markdown. */
export interface Section {
	readonly title: string;
	/** What the paper claims, with its published numbers. */
	readonly claim: string;
	/** What was measured, and against which baseline. */
	readonly method: string;
	/** Tables of the results. */
	readonly tables: readonly string[];
	/** One sentence per result, computed from the rows. */
	readonly findings: readonly string[];
}

/** A paper's experiment, repeated. */
export interface Experiment<S = Settings, Row = unknown> {
	/** What it measures, in a line. */
	readonly summary: string;
	/** Its own options; those that all share are in options.ts. */
	readonly options: OptionTable<S>;
	/** Throws `UsageError` for settings that do not fit together. */
	check?(settings: S): void;
	run(settings: S, context: Context): Promise<Row[]>;
	section(results: Results<S, Row>): Section;
}

/** Forgets the types of settings and rows, which `run` and `section` of one experiment share. */
export function defineExperiment<S, Row>(experiment: Experiment<S, Row>): Experiment {
	return experiment as unknown as Experiment;
}
