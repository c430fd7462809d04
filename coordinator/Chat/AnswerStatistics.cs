using System.Globalization;

namespace Cluster.Coordinator.Chat;

/// <summary>What an answer took.</summary>
/// <param name="PromptTokens">As the server counts them; null where it does not tell.</param>
/// <param name="Tokens">Of the answer, likewise.</param>
/// <param name="FirstToken">From the question to the first text.</param>
/// <param name="Writing">From there to the last.</param>
internal sealed record AnswerStatistics(int? PromptTokens, int? Tokens, TimeSpan FirstToken, TimeSpan Writing)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Number(PromptTokens)} tokens of prompt, {Number(Tokens)} of answer; first after {FirstToken.TotalMilliseconds:0} ms, then {Rate} tokens/s");

    private string Rate => Tokens > 1 && Writing > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"{(Tokens.Value - 1) / Writing.TotalSeconds:0.0}") : "?";

    private static string Number(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "?";
}
