namespace Cluster.IntegrationTests.Page;

/// <summary>A test that needs Chromium, and says so where there is none.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.ExecutablePath is null) Skip = "There is no chromium on the PATH.";
    }
}
