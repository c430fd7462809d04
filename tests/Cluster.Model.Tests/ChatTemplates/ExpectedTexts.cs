using System.Text.Json;
using Cluster.Model.ChatTemplates;

namespace Cluster.Model.Tests.ChatTemplates;

/// <summary>Templates and what another implementation makes of them: see <c>Data/expect.py</c>.</summary>
internal static class ExpectedTexts
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 7, 9, 5, 2, TimeSpan.Zero);
    private static readonly string[] s_ownNames = ["messages", "add_generation_prompt", "bos_token", "eos_token"];

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(PathOf(name))).RootElement;

    public static string PathOf(string name) => Path.Combine(RepositoryFiles.Root, "tests", "Cluster.Model.Tests", "ChatTemplates", "Data", name);

    /// <summary>The text, or null for an error.</summary>
    public static string? TryRender(string template, JsonElement values, string bosToken = "", string eosToken = "")
    {
        try
        {
            return Render(template, values, bosToken, eosToken);
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    public static string Render(string template, JsonElement values, string bosToken = "", string eosToken = "") =>
        ChatTemplate.Parse(template).Render(new ChatTemplateInput
        {
            Messages = values.TryGetProperty("messages", out var messages) ? messages : default,
            AddGenerationPrompt = values.TryGetProperty("add_generation_prompt", out var add) && add.GetBoolean(),
            BosToken = bosToken,
            EosToken = eosToken,
            Extra = values.EnumerateObject().Where(value => !s_ownNames.Contains(value.Name)).ToDictionary(value => value.Name, value => value.Value),
            Now = s_now,
        });
}
