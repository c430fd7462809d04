// The levels of IQ4_NL, ascending with the code: -127 -104 -83 -65 -49 -35 -22 -10 | 1 13 25 38 53 69 89 113.
DEVICE float level_of(uint code) { return (char)((code & 8 ? 0x7159453526190d01ul : 0xf6eaddcfbfad9881ul) >> (code & 7) * 8); }
