using Microsoft.Playwright;

namespace Cluster.IntegrationTests.Page;

/// <summary>One page in a Chromium of its own.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const float PatienceMilliseconds = 90_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        _playwright = playwright;
        _browser = browser;
        Page = page;
    }

    /// <summary>The installed browser; null where there is none.</summary>
    public static string? ExecutablePath { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    public IPage Page { get; }

    /// <summary>What the page asked other hosts for, or logged as an error.</summary>
    public List<string> Problems { get; } = [];

    public static async Task<Browser> OpenAsync(Uri address)
    {
        // Other tests keep the machine busy meanwhile.
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = ExecutablePath, Args = ["--no-sandbox"] });
        var page = await chromium.NewPageAsync(new() { ViewportSize = new() { Width = 1000, Height = 900 } });
        var browser = new Browser(playwright, chromium, page);
        page.PageError += (_, error) => browser.Problems.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") browser.Problems.Add(message.Text);
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.ToString(), StringComparison.Ordinal)) browser.Problems.Add($"asked for {request.Url}");
        };
        page.SetDefaultTimeout(PatienceMilliseconds);
        await page.GotoAsync(address.ToString());
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }
}
