namespace Cluster.Worker.Steps;

/// <summary>Messages that go to a person are one line, whatever an exception says.</summary>
internal static class OneLine
{
    public static string Of(string text) => text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : text.ReplaceLineEndings(" ");
}
