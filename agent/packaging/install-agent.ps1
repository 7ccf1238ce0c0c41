#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs or removes the BackupGuard agent as a Windows service.
.DESCRIPTION
The service runs under its own virtual account (NT SERVICE\BackupGuardAgent) with a restricted token and a service SID: it may write the state folder and the
sandbox folders that are named here, and read what its SID is given. It holds SeBackupPrivilege and SeRestorePrivilege only, for reading repositories and
restoring owners. State and configuration are kept on removal.
.EXAMPLE
.\install-agent.ps1 -Config C:\ProgramData\BackupGuard\agent.yaml -State C:\ProgramData\BackupGuard\state -Sandbox D:\Drills
.EXAMPLE
.\install-agent.ps1 -Uninstall
#>
[CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Install')]
param(
    [Parameter(ParameterSetName = 'Install')] [string] $Agent = (Join-Path $PSScriptRoot 'backupguard-agent.exe'),
    [Parameter(ParameterSetName = 'Install', Mandatory)] [string] $Config,
    [Parameter(ParameterSetName = 'Install', Mandatory)] [string] $State,
    [Parameter(ParameterSetName = 'Install')] [string[]] $Sandbox = @(),
    [Parameter(ParameterSetName = 'Uninstall', Mandatory)] [switch] $Uninstall
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$name = 'BackupGuardAgent'
$account = "NT SERVICE\$name"

function Invoke-Checked([string] $Program, [string[]] $Arguments) {
    & $Program @Arguments | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "$Program $($Arguments -join ' ') ended with $LASTEXITCODE." }
}

if ($Uninstall) {
    if (Get-Service $name -ErrorAction SilentlyContinue) {
        if ($PSCmdlet.ShouldProcess($name, 'Stop and delete the service')) {
            Stop-Service $name -Force
            Invoke-Checked sc.exe @('delete', $name)
        }
        Write-Output "The service $name was removed. State and configuration were kept."
    }
    else { Write-Output "There is no service $name." }
    return
}

foreach ($file in $Agent, $Config) {
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { throw "$file is not there." }
}
Invoke-Checked $Agent @('check-config', '--config', $Config)
if (Get-Service $name -ErrorAction SilentlyContinue) { throw "The service $name exists already; remove it first with -Uninstall." }

if ($PSCmdlet.ShouldProcess($name, 'Create the service')) {
    New-Service -Name $name -DisplayName 'BackupGuard agent' -Description 'Verifies and test-restores backups.' -StartupType Automatic `
        -BinaryPathName "`"$Agent`" run --config `"$Config`"" | Out-Null
    # Virtual account, restricted SID, and no privilege but these two.
    Invoke-Checked sc.exe @('config', $name, 'obj=', $account, 'start=', 'delayed-auto')
    Invoke-Checked sc.exe @('sidtype', $name, 'restricted')
    Invoke-Checked sc.exe @('privs', $name, 'SeChangeNotifyPrivilege/SeBackupPrivilege/SeRestorePrivilege')
    Invoke-Checked sc.exe @('failure', $name, 'reset=', '86400', 'actions=', 'restart/30000/restart/60000/restart/300000')
    foreach ($folder in @($State) + $Sandbox) {
        New-Item -ItemType Directory -Force -Path $folder | Out-Null
        # Inheritance off: restored data are as secret as the originals.
        Invoke-Checked icacls.exe @($folder, '/inheritance:r', '/grant:r', "${account}:(OI)(CI)F", 'SYSTEM:(OI)(CI)F', 'BUILTIN\Administrators:(OI)(CI)F')
    }
    Invoke-Checked icacls.exe @($Config, '/grant', "${account}:R")
    Start-Service $name
    Write-Output "The service $name runs. Give $account read access to the repositories and password files that $Config names."
}
