using System.Runtime.InteropServices;

namespace Cluster.DeployTests.Tools;

/// <summary>Where the Helm that the tests install runs.</summary>
internal static class HelmHost
{
    public static string? WhyNot { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64 ? null : "Helm is installed for Linux on x64 only";
}
