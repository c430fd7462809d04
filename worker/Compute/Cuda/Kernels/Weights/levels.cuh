// The levels of IQ4_NL, looked up four at a time.

// codes: nibbles at bits 0, 4, 8 and 12; a byte a level, signed.
DEVICE uint32 levels_of(uint32 codes)
{
    // -127 -104 -83 -65 | -49 -35 -22 -10 | 1 13 25 38 | 53 69 89 113
    uint32 low = __byte_perm(0xbfad9881u, 0xf6eaddcfu, codes & 0x7777);
    uint32 high = __byte_perm(0x26190d01u, 0x71594535u, codes & 0x7777);
    return __byte_perm(low, high, 0x3210 | (codes & 0x8888) >> 1);
}

DEVICE int level_of(int code) { return (signed char)levels_of(code); }
