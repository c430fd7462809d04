using Cluster.Benchmarks.Network;

namespace Cluster.DeployTests.Machines;

/// <summary>What the switch of deploy/simulate.sh makes of frames where the kernel has no delays.</summary>
public sealed class LinkScheduleTests
{
    private const double Gigabit = 1e9;

    [Theory]
    [InlineData(1250, 100_000, 110_000)]
    [InlineData(12_500, 0, 100_000)]
    public void AFrameTakesItsTimeOnTheWireAndTheDelay(int bytes, long delay, long expected) =>
        Assert.Equal(7 + expected, new LinkSchedule(2, Gigabit, delay).Arrival(7, 0, 1, bytes));

    [Fact]
    public void FramesOfOneMachineGoOneAfterTheOther()
    {
        var links = new LinkSchedule(3, Gigabit, 1000);
        Assert.Equal(11_000, links.Arrival(0, 0, 1, 1250));
        Assert.Equal(21_000, links.Arrival(0, 0, 2, 1250));
    }

    [Fact]
    public void FramesToOneMachineGoOneAfterTheOther()
    {
        var links = new LinkSchedule(3, Gigabit, 1000);
        Assert.Equal(11_000, links.Arrival(0, 0, 2, 1250));
        Assert.Equal(21_000, links.Arrival(0, 1, 2, 1250));
    }

    [Fact]
    public void BothWaysAreApart()
    {
        var links = new LinkSchedule(2, Gigabit, 0);
        Assert.Equal(links.Arrival(0, 0, 1, 2500), links.Arrival(0, 1, 0, 2500));
    }

    [Fact]
    public void WhatWouldWaitTooLongIsLostAndTakesNothing()
    {
        var links = new LinkSchedule(2, Gigabit, 0);
        var most = (int)(LinkSchedule.LongestQueue / 8);
        Assert.Equal(LinkSchedule.LongestQueue, links.Arrival(0, 0, 1, most));
        Assert.Equal(-1, links.Arrival(0, 0, 1, 1250));
        Assert.Equal(LinkSchedule.LongestQueue + 10_000, links.Arrival(10_000, 0, 1, 1250));
    }

    [Theory]
    [InlineData(0, 0, 42, 84)] // An ARP question is padded to 60.
    [InlineData(0, 0, 1514, 1538)]
    [InlineData(66, 1448, 66 + 1449, 1538 + 66 + 1 + 24)]
    [InlineData(66, 1448, 66 + 10 * 1448, 10 * 1538)]
    public void EveryPacketOfALongFrameHasHeaders(ushort headers, ushort part, int length, int expected)
    {
        var header = new byte[10];
        BitConverter.TryWriteBytes(header.AsSpan(2), headers);
        BitConverter.TryWriteBytes(header.AsSpan(4), part);
        Assert.Equal(expected, LinkSchedule.WireBytes(header, length));
    }
}
