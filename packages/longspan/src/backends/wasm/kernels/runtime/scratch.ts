import { ControlWord } from "./control-word";
import { controlWord, threadIndex } from "./thread";

/** Private scratch of the running thread, 64-byte aligned, of the size the host reserved. Its contents are garbage. */
export function scratch(): usize {
	const bytes = load<usize>(controlWord(ControlWord.scratchBytes));
	return load<usize>(controlWord(ControlWord.scratchBase)) + <usize>threadIndex() * bytes;
}
