using Cluster.Compute.Cpu.Memory;

namespace Cluster.Compute.Tests.Cpu.Memory;

public sealed unsafe class AlignedMemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(4096)]
    [InlineData((1 << 20) - 1)]
    [InlineData((1 << 20) + 1)]
    [InlineData(5 << 20)]
    public void Is_aligned_zeroed_and_writable_to_its_end(int bytes)
    {
        using var memory = new AlignedMemory(bytes);

        Assert.Equal(bytes, memory.Bytes);
        Assert.Equal(0, (nint)memory.Pointer % AlignedMemory.Alignment);
        Assert.Equal(-1, new Span<byte>(memory.Pointer, bytes).IndexOfAnyExcept((byte)0));
        new Span<byte>(memory.Pointer, bytes).Fill(7);
    }

    [Fact]
    public void Dispose_twice_is_harmless()
    {
        var memory = new AlignedMemory(2 << 20);
        memory.Dispose();
        memory.Dispose();
        Assert.True(memory.Pointer is null);
    }

    [Fact]
    public void Refused_memory_is_reported_as_such() =>
        Assert.ThrowsAny<OutOfMemoryException>(() => new AlignedMemory(long.MaxValue / 2));

    [Fact]
    public void Scratch_keeps_its_block_until_it_must_grow()
    {
        using var scratch = new ScratchMemory();
        var first = scratch.Reserve(1000);
        Assert.True(scratch.Reserve(10) == first);
        Assert.True(scratch.Reserve(1000) == first);

        scratch.Reserve(1001);
        Assert.True(scratch.Bytes >= 1500);
    }
}
