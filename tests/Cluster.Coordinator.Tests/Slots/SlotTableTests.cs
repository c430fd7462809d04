using Cluster.Coordinator.Slots;

namespace Cluster.Coordinator.Tests.Slots;

public sealed class SlotTableTests
{
    private static readonly int[] s_system = [1, 2, 3];

    [Fact]
    public void A_text_that_goes_on_keeps_its_slot_and_others_do_not_take_it()
    {
        var slots = new SlotTable(3);
        int[] chat = [.. s_system, 10, 11, 12, 13, 14], other = [.. s_system, 20, 21, 22, 23];

        var first = slots.Begin(chat);
        slots.End(first, chat);
        var second = slots.Begin(other);
        slots.End(second, other);
        var again = slots.Begin((int[])[.. chat, 15, 16]);

        Assert.NotEqual(first, second);
        Assert.Equal(first, again);
        Assert.True(slots.Find(again!.Value)!.IsProcessing);
        Assert.False(slots.Find(second!.Value)!.IsProcessing);
    }

    [Fact]
    public void The_longest_unused_slot_is_taken_and_none_when_all_are_at_work()
    {
        var slots = new SlotTable(2);
        var (first, second) = (slots.Begin((int[])[1, 1, 1]), slots.Begin((int[])[2, 2, 2]));
        Assert.Null(slots.Begin((int[])[3, 3, 3]));

        slots.End(second, (int[])[2, 2, 2, 7]);
        slots.End(first, (int[])[1, 1, 1, 7]);
        slots.End(null, (int[])[3, 3, 3]);

        Assert.Equal(second, slots.Begin((int[])[4, 4, 4]));
        Assert.Equal([1, 1, 1, 7], slots.Find(first!.Value)!.Tokens.ToArray());
    }

    [Fact]
    public void A_slot_at_work_is_not_replaced()
    {
        var slots = new SlotTable(2);
        var id = slots.Begin((int[])[5, 6])!.Value;

        Assert.False(slots.TryReplace(id, default));
        slots.End(id, (int[])[5, 6, 7]);
        Assert.True(slots.TryReplace(id, (int[])[8]));
        Assert.Equal([8], slots.Find(id)!.Tokens.ToArray());
        Assert.Null(slots.Find(2));
        Assert.Null(slots.Find(-1));
    }

    [Theory]
    [InlineData("chat.bin", true)]
    [InlineData("a b-c_d=1+2@3", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData(".hidden", false)]
    [InlineData("../chat.bin", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("C:chat", false)]
    [InlineData("chat\0.bin", false)]
    [InlineData("chat\n", false)]
    [InlineData("ends with a dot.", false)]
    [InlineData("ümlaut", false)]
    public void Only_plain_names_are_files(string name, bool isPlain)
    {
        Assert.Equal(isPlain, SlotFiles.IsPlainName(name));
        Assert.False(SlotFiles.IsPlainName(new string('a', 129) + name));
    }
}
