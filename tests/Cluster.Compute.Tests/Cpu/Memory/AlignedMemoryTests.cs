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
    public void Blocks_are_zero_and_apart_however_they_come_and_go()
    {
        var random = new Random(4);
        var blocks = new List<(AlignedMemory Memory, byte Mark)>();
        for (var i = 0; i < 300; i++)
        {
            if (blocks.Count > 0 && random.Next(5) < 2)
            {
                var (old, mark) = blocks[random.Next(blocks.Count)];
                blocks.Remove((old, mark));
                Assert.Equal(-1, new Span<byte>(old.Pointer, (int)old.Bytes).IndexOfAnyExcept(mark));
                old.Dispose();
            }

            var memory = new AlignedMemory(random.Next(1, 1 << random.Next(10, 25)));
            var span = new Span<byte>(memory.Pointer, (int)memory.Bytes);
            Assert.Equal(-1, span.IndexOfAnyExcept((byte)0));
            span.Fill((byte)(i % 255 + 1));
            blocks.Add((memory, (byte)(i % 255 + 1)));
            if (i % 100 != 99) continue;
            blocks.ForEach(block => block.Memory.Dispose());
            blocks.Clear();
        }
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
