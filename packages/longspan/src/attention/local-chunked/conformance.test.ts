import { describeConformance } from "../../testing/conformance/index.js";
import { localChunkedCases } from "../../testing/mechanisms/local-chunked.js";

describeConformance(localChunkedCases);
