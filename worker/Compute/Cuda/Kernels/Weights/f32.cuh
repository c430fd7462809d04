// F32: elements as they are.
#define FILE_BLOCK 1
#define FILE_BYTES 4
#define ELEMENT float

DEVICE float element_value(float element) { return element; }
