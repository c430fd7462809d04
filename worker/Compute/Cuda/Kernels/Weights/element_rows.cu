// Elements from file order to padded rows, and as f16.

KERNEL repack(const ELEMENT* file, int columns, long rows, int stride, ELEMENT* output)
{
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i >= rows * stride) return;
    output[i] = i % stride < columns ? file[i / stride * columns + i % stride] : (ELEMENT)0;
}

KERNEL dequantize(const ELEMENT* elements, long eights, uint4* output)
{
    let_next_start();
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i >= eights) return;
    Eight e = load_eight(elements + i * 8);
    output[i] = make_uint4(
        floats_to_halves(e.x[0], e.x[1]), floats_to_halves(e.x[2], e.x[3]), floats_to_halves(e.x[4], e.x[5]), floats_to_halves(e.x[6], e.x[7]));
}
