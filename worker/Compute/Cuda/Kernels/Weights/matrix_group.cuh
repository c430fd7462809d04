// Matrices of one format that share a launch, their outputs side by side.

#define MAX_MATRICES 4

struct MatrixGroup
{
    MatrixPlanes matrices[MAX_MATRICES];
    int count;
    int rows; // of all matrices
};

// The matrix that has a row of the group, and the row's number in it.
DEVICE MatrixPlanes matrix_of(const MatrixGroup& group, int row, int* own)
{
    MatrixPlanes m = group.matrices[0];
#pragma unroll
    for (int i = 1; i < MAX_MATRICES; i++)
    {
        if (i < group.count && row >= m.rows)
        {
            row -= m.rows;
            m = group.matrices[i];
        }
    }

    *own = row;
    return m;
}
